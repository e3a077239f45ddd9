use crate::{connect, report::print, timed, Options, Outcome};
use futures::TryStreamExt;
use rtnetlink::{
    packet::{
        constants::{AF_UNSPEC, IFF_BROADCAST, RTEXT_FILTER_SKIP_STATS},
        nlas::link::{Info, InfoKind, Nla},
        LinkMessage,
    },
    Handle,
};

const WARM_UP: usize = 10_000;

/// What is looked at in a link.
#[derive(Default)]
pub struct Link<'a> {
    pub name: &'a str,
    pub peer: u32,
    pub master: u32,
    pub mtu: u32,
    pub mac: &'a [u8],
    pub is_veth: bool,
}

pub fn read(message: &LinkMessage) -> Link<'_> {
    let mut link = Link::default();
    for attribute in &message.nlas {
        match attribute {
            Nla::IfName(name) => link.name = name,
            Nla::Link(index) => link.peer = *index,
            Nla::Master(index) => link.master = *index,
            Nla::Mtu(mtu) => link.mtu = *mtu,
            Nla::Address(mac) => link.mac = mac,
            Nla::Info(infos) => link.is_veth = infos.contains(&Info::Kind(InfoKind::Veth)),
            _ => {}
        }
    }
    link
}

fn check_veth(message: &LinkMessage) -> Outcome {
    let link = read(message);
    let right = link.is_veth && link.name.starts_with('v') && link.peer != 0 && link.mtu == 1500;
    if !right || link.mac.len() != 6 || message.header.flags & IFF_BROADCAST == 0 {
        return Err(format!("{} is not one of the links that were made", link.name).into());
    }
    Ok(())
}

/// Without its statistics.
pub async fn get_by_name(handle: &Handle, name: String) -> Outcome<LinkMessage> {
    let request = handle.link().get().set_filter_mask(AF_UNSPEC as u8, RTEXT_FILTER_SKIP_STATS);
    only(request.match_name(name).execute().try_collect().await?)
}

pub async fn get_by_index(handle: &Handle, index: u32) -> Outcome<LinkMessage> {
    let request = handle.link().get().set_filter_mask(AF_UNSPEC as u8, RTEXT_FILTER_SKIP_STATS);
    only(request.match_index(index).execute().try_collect().await?)
}

fn only(mut links: Vec<LinkMessage>) -> Outcome<LinkMessage> {
    Ok(links.pop().ok_or("no answer")?)
}

pub async fn index_of(handle: &Handle, name: &str) -> Outcome<u32> {
    Ok(get_by_name(handle, name.into()).await?.header.index)
}

pub async fn list(options: &Options) -> Outcome {
    let (handle, _) = connect()?;
    print(timed!(options.repeat, _number => {
        let mut request = handle.link().get().set_filter_mask(AF_UNSPEC as u8, RTEXT_FILTER_SKIP_STATS);
        request.message_mut().nlas.push(Nla::Info(vec![Info::Kind(InfoKind::Veth)]));
        let links: Vec<LinkMessage> = request.execute().try_collect().await?;
        links.iter().try_for_each(check_veth)?;
        if links.len() != options.count {
            return Err(format!("{} of {} links", links.len(), options.count).into());
        }
    }));
    Ok(())
}

async fn ask(handle: &Handle, name: String) -> Outcome {
    let link = get_by_name(handle, name.clone()).await?;
    check_veth(&link)?;
    if read(&link).name != name {
        return Err(format!("asked for {name}, got {}", read(&link).name).into());
    }
    Ok(())
}

pub async fn get(options: &Options) -> Outcome {
    let (handle, _) = connect()?;
    let name = |number: usize| format!("va{}", number % (options.count / 2));
    for number in 0..WARM_UP {
        ask(&handle, name(number)).await?;
    }
    print(timed!(options.repeat, number => ask(&handle, name(number)).await?));
    Ok(())
}

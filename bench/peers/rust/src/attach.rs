use crate::{
    close, connect, links,
    namespace::{connect_in, create, delete, home, open},
    report::{hold_if_asked, print, settle},
    timed, Options, Outcome,
};
use futures::StreamExt;
use rtnetlink::{
    packet::{
        constants::{IFF_UP, NLM_F_ACK, NLM_F_REQUEST},
        nlas::link::{Info, InfoData, InfoKind, Nla, VethInfo},
        LinkMessage, NetlinkMessage, RtnlMessage,
    },
    Handle,
};
use std::{
    fs::File,
    net::Ipv4Addr,
    os::unix::io::{AsRawFd, RawFd},
};

const BRIDGE: &str = "br-bench";
const GATEWAY: Ipv4Addr = Ipv4Addr::new(10, 0, 0, 1);
const LO: u32 = 1;

pub async fn attach(options: &Options) -> Outcome {
    let home = home()?;
    let (handle, _) = connect()?;
    handle.link().add().bridge(BRIDGE.into()).execute().await?;
    let bridge = links::index_of(&handle, BRIDGE).await?;
    handle.address().add(bridge, GATEWAY.into(), 16).execute().await?;
    handle.link().set(bridge).up().execute().await?;

    for _ in (0..options.warm).step_by(options.count) {
        for number in 0..options.count {
            attach_one(&handle, &home, number).await?;
        }
        delete_all(options.count).await?;
        settle()?;
    }
    print(timed!(options.count, number => attach_one(&handle, &home, number).await?));
    hold_if_asked(options)?;
    delete_all(options.count).await?;
    delete_link(handle, bridge).await
}

/// The crate's del() sets NLM_F_EXCL, which since Linux 5.19 is NLM_F_BULK in a deletion and refused.
async fn delete_link(mut handle: Handle, index: u32) -> Outcome {
    let mut link = LinkMessage::default();
    link.header.index = index;
    let mut message = NetlinkMessage::from(RtnlMessage::DelLink(link));
    message.header.flags = NLM_F_REQUEST | NLM_F_ACK;
    match handle.request(message)?.next().await {
        None => Ok(()),
        Some(answer) => Err(format!("delete link {index}: {answer:?}").into()),
    }
}

async fn delete_all(count: usize) -> Outcome {
    for number in 0..count {
        delete(number).await?;
    }
    Ok(())
}

/// The crate's veth() makes both ends in one namespace; its message can say more.
async fn make_pair(handle: &Handle, name: &str, master: u32, namespace: RawFd) -> Outcome {
    let mut peer = LinkMessage::default();
    peer.nlas.extend([Nla::IfName("eth0".into()), Nla::NetNsFd(namespace)]);
    let mut request = handle.link().add();
    let message = request.message_mut();
    message.header.flags = IFF_UP;
    message.header.change_mask = IFF_UP;
    message.nlas = vec![
        Nla::IfName(name.into()),
        Nla::Master(master),
        Nla::Info(vec![Info::Kind(InfoKind::Veth), Info::Data(InfoData::Veth(VethInfo::Peer(peer)))]),
    ];
    Ok(request.execute().await?)
}

async fn attach_one(handle: &Handle, home: &File, number: usize) -> Outcome {
    let name = format!("veth{number}");
    create(number).await?;
    let namespace = open(number)?;
    let master = links::index_of(handle, BRIDGE).await?;
    make_pair(handle, &name, master, namespace.as_raw_fd()).await?;
    let near = links::get_by_name(handle, name).await?;
    let eth0 = links::read(&near).peer;

    let (inside, task) = connect_in(&namespace, home)?;
    inside.link().set(LO).up().execute().await?;
    let address = Ipv4Addr::from(u32::from(GATEWAY) + 1 + number as u32);
    inside.address().add(eth0, address.into(), 16).execute().await?;
    inside.link().set(eth0).up().execute().await?;
    inside.route().add().v4().gateway(GATEWAY).output_interface(eth0).execute().await?;
    let far = links::get_by_index(&inside, eth0).await?;
    close(task).await;

    let (outer, inner) = (links::read(&near), links::read(&far));
    let both_up = near.header.flags & far.header.flags & IFF_UP != 0;
    if outer.master != master || inner.name != "eth0" || inner.peer != near.header.index || !both_up {
        return Err(format!("container {number} is not what was asked for").into());
    }
    Ok(())
}

use crate::{
    connect,
    links::index_of,
    report::{peak_bytes, print, print_with_peak},
    timed, Options, Outcome,
};
use futures::{future::try_join_all, TryStreamExt};
use rtnetlink::{
    packet::{
        constants::{RTPROT_BOOT, RT_TABLE_MAIN},
        nlas::route::Nla,
        RouteMessage,
    },
    Error, Handle, IpVersion,
};
use std::net::Ipv4Addr;

const DEVICE: &str = "veth-routes";
const GATEWAY: Ipv4Addr = Ipv4Addr::new(10, 200, 0, 2);
const FIRST: u32 = 44 << 24;
const TOGETHER: usize = 64;

async fn add_route(handle: &Handle, oif: u32, number: usize) -> Result<(), Error> {
    let request = handle.route().add().v4().protocol(RTPROT_BOOT);
    let to = Ipv4Addr::from(FIRST + number as u32);
    request.destination_prefix(to, 32).gateway(GATEWAY).output_interface(oif).execute().await
}

/// `--mode one-by-one`, or so many requests before the first answer is awaited.
pub async fn add(options: &Options) -> Outcome {
    let (handle, _) = connect()?;
    let oif = index_of(&handle, DEVICE).await?;
    let together = if options.mode == "one-by-one" { 1 } else { TOGETHER };
    let parts = (options.count + together - 1) / together;
    print(timed!(parts, part => {
        let first = part * together;
        let numbers = first..options.count.min(first + together);
        try_join_all(numbers.map(|number| add_route(&handle, oif, number))).await?
    }));
    Ok(())
}

/// How many, and the sum of destinations, gateways and ifindexes: proof that each was decoded.
#[derive(Default, PartialEq)]
struct Routes {
    count: u64,
    sum: u64,
}

impl Routes {
    fn expected(count: usize, oif: u32) -> Routes {
        let count = count as u64;
        let each = u64::from(FIRST) + u64::from(u32::from(GATEWAY)) + u64::from(oif);
        Routes { count, sum: count * each + count * count.saturating_sub(1) / 2 }
    }

    fn read(mut self, route: &RouteMessage) -> Routes {
        if route.header.destination_prefix_length != 32 || route.header.protocol != RTPROT_BOOT {
            return self;
        }
        self.count += 1;
        for attribute in &route.nlas {
            self.sum += match attribute {
                Nla::Destination(bytes) | Nla::Gateway(bytes) => {
                    bytes.iter().fold(0, |number, byte| number << 8 | u64::from(*byte))
                }
                Nla::Oif(index) => u64::from(*index),
                _ => 0,
            };
        }
        self
    }
}

/// `--mode stream` keeps none of them. This version of the crate cannot have the kernel filter: it reads all tables.
pub async fn dump(options: &Options) -> Outcome {
    let (handle, _) = connect()?;
    let oif = index_of(&handle, DEVICE).await?;
    let before = peak_bytes()?;
    let took = timed!(options.repeat, _number => {
        let mut request = handle.route().get(IpVersion::V4);
        request.message_mut().header.table = RT_TABLE_MAIN;
        let answers = request.execute();
        let found = if options.mode == "stream" {
            answers.try_fold(Routes::default(), |routes, it| async move { Ok(routes.read(&it)) }).await?
        } else {
            let all: Vec<RouteMessage> = answers.try_collect().await?;
            all.iter().fold(Routes::default(), Routes::read)
        };
        if found != Routes::expected(options.count, oif) {
            return Err(format!("{} of {} routes, or wrong ones", found.count, options.count).into());
        }
    });
    print_with_peak(took, peak_bytes()? - before);
    Ok(())
}

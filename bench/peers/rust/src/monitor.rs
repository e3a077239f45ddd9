use crate::{report::nanoseconds, Options, Outcome};
use futures::StreamExt;
use rtnetlink::{
    packet::{nlas::route::Nla, NetlinkPayload, RouteMessage, RtnlMessage},
    sys::{AsyncSocket, SocketAddr},
};
use std::{
    io,
    sync::atomic::{AtomicBool, Ordering},
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::time::timeout;

const RTMGRP_IPV4_ROUTE: u32 = 0x40;
const RTMGRP_IPV6_ROUTE: u32 = 0x400;
const IDLE: Duration = Duration::from_millis(200);

fn is_added(route: &RouteMessage) -> bool {
    route.nlas.iter().any(|nla| matches!(nla, Nla::Destination(bytes) if bytes[0] == 44))
}

/// The connection ends at the first overflow of its socket, as the library has it; what comes after that is lost.
pub async fn read(options: &Options) -> Outcome {
    let (mut connection, _handle, mut messages) = rtnetlink::new_connection()?;
    let groups = SocketAddr::new(0, RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE);
    connection.socket_mut().socket_mut().bind(&groups)?;
    tokio::spawn(connection);
    println!("ready");
    let fed = Arc::new(AtomicBool::new(false));
    let end = fed.clone();
    std::thread::spawn(move || {
        io::copy(&mut io::stdin(), &mut io::sink()).expect("standard input");
        end.store(true, Ordering::Relaxed);
    });
    let mut seen = 0;
    let mut took: Option<(Instant, u128)> = None;
    while seen < options.count {
        match timeout(IDLE, messages.next()).await {
            Ok(Some((message, _))) => match message.payload {
                NetlinkPayload::InnerMessage(RtnlMessage::NewRoute(route)) if is_added(&route) => {
                    let (first, _) = *took.get_or_insert_with(|| (Instant::now(), 0));
                    took = Some((first, nanoseconds(first)));
                    seen += 1;
                }
                _ => {}
            },
            Ok(None) => break,
            Err(_) if fed.load(Ordering::Relaxed) => break,
            Err(_) => {}
        }
    }
    let total_ns = took.map_or(0, |(_, total_ns)| total_ns);
    println!("{{\"total_ns\":{total_ns},\"each_ns\":[],\"lost\":{}}}", options.count - seen);
    Ok(())
}

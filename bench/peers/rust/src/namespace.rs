use crate::{
    connect,
    report::{hold_if_asked, print},
    timed, Options, Outcome,
};
use nix::sched::{setns, CloneFlags};
use rtnetlink::{Handle, NetworkNamespace, NETNS_PATH};
use std::{fs::File, os::unix::io::AsRawFd};
use tokio::task::JoinHandle;

pub fn home() -> Outcome<File> {
    Ok(File::open("/proc/thread-self/ns/net")?)
}

fn name(number: usize) -> String {
    format!("c{number}")
}

/// The crate forks a process for each.
pub async fn create(number: usize) -> Outcome {
    Ok(NetworkNamespace::add(name(number)).await?)
}

pub async fn delete(number: usize) -> Outcome {
    Ok(NetworkNamespace::del(name(number)).await?)
}

pub fn open(number: usize) -> Outcome<File> {
    Ok(File::open(format!("{NETNS_PATH}{}", name(number)))?)
}

/// The crate opens sockets where the thread is.
pub fn connect_in(namespace: &File, home: &File) -> Outcome<(Handle, JoinHandle<()>)> {
    setns(namespace.as_raw_fd(), CloneFlags::CLONE_NEWNET)?;
    let connected = connect();
    setns(home.as_raw_fd(), CloneFlags::CLONE_NEWNET)?;
    Ok(connected?)
}

pub async fn create_and_delete(options: &Options) -> Outcome {
    let (created, _) = timed!(options.count, number => {
        create(number).await?;
        open(number)?;
    });
    if options.hold {
        println!("ready");
        hold_if_asked(options)?;
    }
    let (deleted, _) = timed!(options.count, number => delete(number).await?);
    print((created + deleted, vec![]));
    Ok(())
}

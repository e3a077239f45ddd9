//! The work of bench/limit done by the crate rtnetlink:
//! `rtnetlink-peer WORK [--count N] [--repeat N] [--warm N] [--mode M] [--hold]`.

mod attach;
mod links;
mod monitor;
mod namespace;
mod report;
mod routes;

use rtnetlink::Handle;
use std::{error::Error, io};
use tokio::task::JoinHandle;

pub type Outcome<T = ()> = Result<T, Box<dyn Error>>;

#[derive(Clone)]
pub struct Options {
    pub count: usize,
    pub repeat: usize,
    pub warm: usize,
    pub mode: String,
    pub hold: bool,
}

fn read_options(mut arguments: impl Iterator<Item = String>) -> Outcome<Options> {
    let mut options = Options { count: 100, repeat: 10, warm: 0, mode: String::new(), hold: false };
    while let Some(name) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{name}: no value"));
        match name.as_str() {
            "--count" => options.count = value()?.parse()?,
            "--repeat" => options.repeat = value()?.parse()?,
            "--warm" => options.warm = value()?.parse()?,
            "--mode" => options.mode = value()?,
            "--hold" => options.hold = true,
            _ => return Err(format!("{name}: no such option").into()),
        }
    }
    Ok(options)
}

/// A socket in the namespace of this thread. It stays open until its task is aborted: in this version of the crate the task
/// goes on when the last handle is gone.
pub fn connect() -> io::Result<(Handle, JoinHandle<()>)> {
    let (connection, handle, _) = rtnetlink::new_connection()?;
    Ok((handle, tokio::spawn(connection)))
}

pub async fn close(task: JoinHandle<()>) {
    task.abort();
    task.await.expect_err("a connection that was aborted");
}

async fn run() -> Outcome {
    let mut arguments = std::env::args().skip(1);
    let work = arguments.next().unwrap_or_default();
    let options = read_options(arguments)?;
    match work.as_str() {
        "attach" => attach::attach(&options).await,
        "netns" => namespace::create_and_delete(&options).await,
        "routes" => routes::add(&options).await,
        "dump" => routes::dump(&options).await,
        "links" => links::list(&options).await,
        "get-link" => links::get(&options).await,
        "monitor" => monitor::read(&options).await,
        _ => Err(format!("{work}: no such work").into()),
    }
}

/// One thread: namespaces belong to threads, and a second one would have to be woken for each answer.
fn main() -> Outcome {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    runtime.block_on(run())
}

//! The clock, and the line that each competitor writes.

use crate::{Options, Outcome};
use std::{io, process::Command, time::Instant};

pub fn nanoseconds(since: Instant) -> u128 {
    since.elapsed().as_nanos()
}

/// Runs `$work` with `$number` = 0, 1 … `$count` - 1; how long all and each of it took.
#[macro_export]
macro_rules! timed {
    ($count:expr, $number:ident => $work:expr) => {{
        let mut each_ns = Vec::with_capacity($count);
        let start = std::time::Instant::now();
        for $number in 0..$count {
            let begun = std::time::Instant::now();
            $work;
            each_ns.push($crate::report::nanoseconds(begun));
        }
        ($crate::report::nanoseconds(start), each_ns)
    }};
}

pub fn print((total_ns, each_ns): (u128, Vec<u128>)) {
    println!("{{\"total_ns\":{total_ns},\"each_ns\":{each_ns:?}}}");
}

pub fn print_with_peak((total_ns, each_ns): (u128, Vec<u128>), peak_bytes: u64) {
    println!("{{\"total_ns\":{total_ns},\"peak_bytes\":{peak_bytes},\"each_ns\":{each_ns:?}}}");
}

pub fn hold_if_asked(options: &Options) -> io::Result<()> {
    if options.hold {
        io::copy(&mut io::stdin(), &mut io::sink())?;
    }
    Ok(())
}

/// Waits until the kernel has taken down the namespaces that were let go.
pub fn settle() -> Outcome {
    let status = Command::new(std::env::var("BENCH_SETTLE")?).status()?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("settle: {status}").into())
    }
}

/// The most memory that the process has had.
pub fn peak_bytes() -> Outcome<u64> {
    let status = std::fs::read_to_string("/proc/self/status")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).ok_or("no VmHWM")?;
    Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
}

//! CPU time of this thread: what other processes do at the same time does not count.

use std::time::Duration;

use crate::Failure;

/// User and system time of this thread since it began.
///
/// # Errors
/// Where the system does not tell.
pub(crate) fn thread_time() -> Result<Duration, Failure> {
    // The kernel brings the figure up to date when it switches threads.
    std::thread::yield_now();
    let text = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let nanos = text.split_ascii_whitespace().next().ok_or("schedstat is empty")?;
    Ok(Duration::from_nanos(nanos.parse()?))
}

/// Microseconds of each of this many.
pub(crate) fn micros_each(spent: Duration, count: usize) -> f64 {
    spent.as_secs_f64() * 1e6 / f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_costs_time_and_sleep_does_not() {
        let begun = thread_time().unwrap();
        let mut sum = 0_u64;
        for number in 0..20_000_000_u64 {
            sum = std::hint::black_box(sum.wrapping_add(number));
        }
        let worked = thread_time().unwrap();
        std::thread::sleep(Duration::from_millis(50));
        let slept = thread_time().unwrap();
        assert!(worked - begun > Duration::from_millis(2), "{:?}", worked - begun);
        assert!(slept - worked < Duration::from_millis(2), "{:?}", slept - worked);
    }
}

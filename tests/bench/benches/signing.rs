//! `cargo bench -p countersign-bench`: the figures of signing. Run by `cargo test` it does nothing.

fn main() -> std::process::ExitCode {
    countersign_bench::main()
}

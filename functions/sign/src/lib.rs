//! The signing door: signatures and the sessions behind them.

//! Stand-ins for Turnkey and Stellar RPC that speak the real protocols.

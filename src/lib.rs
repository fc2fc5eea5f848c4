//! swoole_tracker.

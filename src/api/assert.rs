//! `trackerAssertNoLeak()`, for unit tests.

use ext_php_rs::exception::PhpException;
use ext_php_rs::prelude::*;
use ext_php_rs::types::ZendCallable;
use ext_php_rs::zend::ce;

use crate::leak::trial::{self, Outcome};
use crate::zend::{engine, exceptions};

/// Thrown when a body leaks, or could not be measured.
#[php_class]
#[php(name = "SwooleTracker\\LeakException")]
#[php(extends(ce = ce::exception, stub = "\\Exception"))]
#[derive(Default)]
pub struct LeakException;

#[php_impl]
impl LeakException {}

/// Runs `body` `warmup` times unobserved and `loops` times recorded, and
/// throws if a line's memory grows. A body that cannot be judged in so few
/// loops passes; the number of undecided lines is then told on stderr.
#[php_function]
#[php(name = "trackerAssertNoLeak", defaults(loops = 40, warmup = 3))]
pub fn tracker_assert_no_leak(body: ZendCallable<'_>, loops: i64, warmup: i64) -> PhpResult<()> {
    if loops < 1 {
        return Err(value_error("Argument #2 ($loops) must be greater than 0"));
    }
    if warmup < 0 {
        return Err(value_error("Argument #3 ($warmup) must not be negative"));
    }
    let outcome = trial::run(loops, warmup, || body.try_call(vec![]).is_ok());
    // Of a loop that was recorded before the trial.
    exceptions::throw_kept();
    match outcome {
        _ if engine::has_exception() => Ok(()),
        Outcome::Clean | Outcome::Threw => Ok(()),
        Outcome::Leaks(verdict) => Err(PhpException::from_class::<LeakException>(verdict)),
        Outcome::NotMeasured(why) => Err(PhpException::from(format!(
            "trackerAssertNoLeak(): not measured: {why}"
        ))),
    }
}

fn value_error(text: &str) -> PhpException {
    PhpException::new(
        format!("trackerAssertNoLeak(): {text}"),
        0,
        ce::value_error(),
    )
}

/// Adds this file's functions to the module.
pub fn functions(module: ModuleBuilder<'_>) -> ModuleBuilder<'_> {
    module.function(wrap_function!(tracker_assert_no_leak))
}

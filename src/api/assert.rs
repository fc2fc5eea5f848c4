//! `trackerAssertNoLeak()`, for unit tests.

use ext_php_rs::args::Arg;
use ext_php_rs::builders::{ClassBuilder, FunctionBuilder};
use ext_php_rs::exception::PhpException;
use ext_php_rs::flags::DataType;
use ext_php_rs::prelude::*;
use ext_php_rs::types::{ZendCallable, Zval};
use ext_php_rs::zend::{ClassEntry, ExecuteData, ce};

use crate::leak::trial::{self, Outcome};
use crate::zend::cell::Global;
use crate::zend::{arguments, catch, engine, exceptions};

/// `SwooleTracker\LeakException`, thrown when a body leaks.
static LEAK_EXCEPTION: Global<Option<&'static ClassEntry>> = Global::new(None);

/// Registers the class; to be called while the module starts. Not by ext-php-rs'
/// own attribute: its objects are not made by the engine's constructor of
/// exceptions, which notes file, line and trace.
pub fn register_exception() -> bool {
    ClassBuilder::new("SwooleTracker\\LeakException")
        .extends((ce::exception, "\\Exception"))
        .registration(|class, _| LEAK_EXCEPTION.with(|slot| *slot = Some(class)))
        .register()
        .is_ok()
}

/// Runs `body` `warmup` times unobserved and `loops` times recorded, and
/// throws if a line's memory grows. A body that cannot be judged in so few
/// loops passes; the undecided lines are then named on stderr.
extern "C" fn tracker_assert_no_leak(frame: &mut ExecuteData, _result: &mut Zval) {
    catch(|| {
        let Some((body, loops, warmup)) = arguments::callable_and_numbers(frame, (40, 3)) else {
            return;
        };
        let Ok(body) = ZendCallable::new(&body) else {
            return;
        };
        if let Err(exception) = assert_no_leak(&body, loops, warmup) {
            exception.throw();
        }
    });
}

fn assert_no_leak(body: &ZendCallable<'_>, loops: i64, warmup: i64) -> PhpResult<()> {
    if loops < 1 {
        return Err(value_error("Argument #2 ($loops) must be greater than 0"));
    }
    if warmup < 0 {
        return Err(value_error(
            "Argument #3 ($warmup) must be greater than or equal to 0",
        ));
    }
    let outcome = trial::run(loops, warmup, || body.try_call(vec![]).is_ok());
    // Of a loop that was recorded before the trial.
    exceptions::throw_kept();
    match outcome {
        _ if engine::has_exception() => Ok(()),
        Outcome::Clean | Outcome::Threw => Ok(()),
        Outcome::Leaks(verdict) => {
            let class = LEAK_EXCEPTION.with(|slot| *slot);
            Err(PhpException::new(
                verdict,
                0,
                class.unwrap_or_else(|| ce::exception()),
            ))
        }
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
    module.function(
        FunctionBuilder::new("trackerAssertNoLeak", tracker_assert_no_leak)
            .arg(Arg::new("body", DataType::Callable))
            .not_required()
            .arg(Arg::new("loops", DataType::Long).default("40"))
            .arg(Arg::new("warmup", DataType::Long).default("3"))
            .returns(DataType::Void, false, false),
    )
}

//! swoole_tracker: all that PHP can see of it, on one screen.
#![deny(unsafe_code)]
// Nobody imports a cdylib, and `php_module` makes a function without a comment.
#![allow(missing_docs)]

mod api;
mod context;
mod instrument;
mod leak;
mod settings;
mod ship;
#[allow(unsafe_code)]
mod zend;

/// What `build.rs` learned of the PHP that this was built for.
mod build_info {
    include!(concat!(env!("OUT_DIR"), "/build_info.rs"));
}

use api::leak::tracker_hook_malloc;
use api::span::Span;
use api::stats::{Stats, Tick};
use ext_php_rs::builders::FunctionBuilder;
use ext_php_rs::flags::DataType;
use ext_php_rs::prelude::*;

/// The module: leak tool functions, settings, life cycle.
#[php_module]
pub fn get_module(module: ModuleBuilder) -> ModuleBuilder {
    let module = module
        .name("swoole_tracker")
        .class::<Tick>()
        .class::<Stats>()
        // Last: it makes the aliases of those before it.
        .class::<Span>()
        .startup_function(api::lifecycle::module_started)
        .shutdown_function(api::lifecycle::module_ended)
        .request_startup_function(api::lifecycle::request_started)
        .request_shutdown_function(api::lifecycle::request_ended)
        .info_function(api::info::print)
        // Registered by hand: programs call it in every loop, whether or not
        // it is on, so it does without ext-php-rs' argument parsing.
        .function(
            FunctionBuilder::new("trackerHookMalloc", tracker_hook_malloc).returns(
                DataType::Void,
                false,
                false,
            ),
        );
    api::ids::functions(api::assert::functions(api::leak::functions(module)))
}

//! swoole_tracker: all that PHP can see of it, on one screen.
#![deny(unsafe_code)]

mod api;
mod leak;
mod settings;
#[allow(unsafe_code)]
mod zend;

/// What `build.rs` learned of the PHP that this was built for.
mod build_info {
    include!(concat!(env!("OUT_DIR"), "/build_info.rs"));
}

use ext_php_rs::builders::{FunctionBuilder, ModuleBuilder};
use ext_php_rs::flags::DataType;
use ext_php_rs::prelude::*;

/// The module: leak tool functions, settings, life cycle.
#[php_module]
#[php(startup = api::lifecycle::module_started)]
pub fn get_module(module: ModuleBuilder) -> ModuleBuilder {
    module
        .name("swoole_tracker")
        .function(
            FunctionBuilder::new("trackerHookMalloc", api::leak::tracker_hook_malloc)
                .returns(DataType::Void, false, false),
        )
        .function(wrap_function!(api::leak::tracker_analyze_leak))
        .function(wrap_function!(api::leak::tracker_clean_leak))
        .function(wrap_function!(api::leak::tracker_analyze_malloc))
        .function(wrap_function!(api::leak::tracker_leak_report))
        .function(wrap_function!(api::assert::tracker_assert_no_leak))
        .class::<api::assert::LeakException>()
        .request_startup_function(api::lifecycle::request_started)
        .request_shutdown_function(api::lifecycle::request_ended)
        .info_function(api::info::print)
}

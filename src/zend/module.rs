//! The extension as a shared object: loaded by either ini line, never
//! unloaded while the engine may still call it.

use std::ffi::{CStr, c_char, c_int, c_void};

use ext_php_rs::ffi::{self, zend_module_entry};

/// Keeps this shared object in memory until the process ends: heap handlers
/// and fiber observers cannot be taken back in every case.
pub fn pin() {
    let mut info = libc::Dl_info {
        dli_fname: std::ptr::null(),
        dli_fbase: std::ptr::null_mut(),
        dli_sname: std::ptr::null(),
        dli_saddr: std::ptr::null_mut(),
    };
    // SAFETY: asks which object holds this function, and opens it once more
    // without loading anything.
    unsafe {
        if libc::dladdr(pin as *const c_void, &raw mut info) != 0 && !info.dli_fname.is_null() {
            let flags = libc::RTLD_LAZY | libc::RTLD_NOLOAD | libc::RTLD_NODELETE;
            libc::dlopen(info.dli_fname, flags);
        }
    }
}

/// `zend_extension_version_info` of Zend/zend_extensions.h.
#[repr(C)]
pub struct ExtensionVersion {
    api: c_int,
    build_id: *const c_char,
}

// SAFETY: points to static text only.
unsafe impl Sync for ExtensionVersion {}

/// `zend_extension` of Zend/zend_extensions.h.
#[repr(C)]
pub struct ExtensionEntry {
    name: *const c_char,
    version: *const c_char,
    author: *const c_char,
    url: *const c_char,
    copyright: *const c_char,
    startup: Option<unsafe extern "C" fn(*mut c_void) -> c_int>,
    handlers: [*const c_void; 10],
    reserved: [*const c_void; 8],
    handle: *const c_void,
    resource_number: c_int,
}

// SAFETY: points to static text only; the engine copies it.
unsafe impl Sync for ExtensionEntry {}

unsafe extern "C" {
    fn zend_startup_module(module: *mut zend_module_entry) -> c_int;
}

/// Makes `zend_extension=swoole_tracker.so` work.
#[unsafe(no_mangle)]
pub static extension_version_info: ExtensionVersion = ExtensionVersion {
    api: crate::build_info::ZEND_EXTENSION_API,
    build_id: crate::build_info::ZEND_BUILD_ID.as_ptr(),
};

/// Makes `zend_extension=swoole_tracker.so` work: registers the module, unless
/// an `extension=` line has done so before.
#[unsafe(no_mangle)]
pub static zend_extension_entry: ExtensionEntry = ExtensionEntry {
    name: c"swoole_tracker".as_ptr(),
    version: crate::build_info::VERSION.as_ptr(),
    author: c"the swoole_tracker authors".as_ptr(),
    url: c"".as_ptr(),
    copyright: c"Apache-2.0".as_ptr(),
    startup: Some(start_as_zend_extension),
    handlers: [std::ptr::null(); 10],
    reserved: [std::ptr::null(); 8],
    handle: std::ptr::null(),
    resource_number: 0,
};

unsafe extern "C" fn start_as_zend_extension(_extension: *mut c_void) -> c_int {
    if is_registered(c"swoole_tracker") {
        return 0;
    }
    // SAFETY: the engine starts modules before extensions, so one more may
    // still be started; the entry lives for ever.
    unsafe { zend_startup_module(crate::get_module()) }
}

unsafe extern "C" {
    static mut module_registry: ffi::HashTable;
}

/// Whether a module of that name (lower case) is registered.
pub fn is_registered(name: &CStr) -> bool {
    // SAFETY: a table of the engine that lives as long as the process.
    unsafe {
        !ffi::zend_hash_str_find(
            &raw const module_registry,
            name.as_ptr(),
            name.count_bytes(),
        )
        .is_null()
    }
}

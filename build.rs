//! Asks php-config once what PHP this is built for, and refuses those that the
//! extension cannot serve.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn main() {
    println!("cargo:rerun-if-env-changed=PHP_CONFIG");
    println!("cargo:rerun-if-env-changed=PATH");
    let config = std::env::var("PHP_CONFIG").unwrap_or_else(|_| "php-config".into());
    let include = PathBuf::from(ask(&config, "--include-dir"));
    let version: u32 = ask(&config, "--vernum")
        .parse()
        .expect("php-config --vernum is a number");
    if version < 80_100 {
        fail("PHP 8.1 or newer is needed; set PHP_CONFIG to its php-config");
    }
    let options = read(&include.join("main/php_config.h"));
    let is_on = |name: &str| {
        options
            .lines()
            .any(|l| l.trim() == format!("#define {name} 1"))
    };
    if is_on("ZTS") {
        fail("this PHP is thread-safe (ZTS); the extension supports NTS builds only");
    }
    if is_on("ZEND_DEBUG") {
        fail(
            "this PHP is a debug build, whose allocator has other signatures; use a release build",
        );
    }
    let globals = read(&include.join("ext/standard/basic_functions.h"));
    let first = globals
        .split_once("typedef struct _php_basic_globals {")
        .and_then(|(_, fields)| fields.trim_start().lines().next());
    if first != Some("HashTable *user_shutdown_function_names;") {
        fail("basic_functions.h has the shutdown functions in another place than PHP 8.1 to 8.5");
    }
    let header = read(&include.join("Zend/zend_extensions.h"));
    let api = header
        .lines()
        .find_map(|line| {
            let mut words = line.split_whitespace();
            (words.next()? == "#define" && words.next()? == "ZEND_EXTENSION_API_NO")
                .then(|| words.next().map(str::to_owned))?
        })
        .unwrap_or_else(|| fail("zend_extensions.h names no ZEND_EXTENSION_API_NO"));
    let text = format!(
        "/// Version of the interface for `zend_extension=`.\n\
         pub const ZEND_EXTENSION_API: i32 = {api};\n\
         /// Build that `zend_extension=` is checked against.\n\
         pub const ZEND_BUILD_ID: &std::ffi::CStr = c\"API{api},NTS\";\n\
         /// PHP that this was built for, such as 80236.\n\
         pub const PHP_VERSION_ID: u32 = {version};\n\
         /// Version of the extension.\n\
         pub const VERSION: &std::ffi::CStr = c\"{}\";\n",
        env("CARGO_PKG_VERSION")
    );
    let out = Path::new(&env("OUT_DIR")).join("build_info.rs");
    fs::write(&out, text).expect("OUT_DIR can be written");
}

fn env(name: &str) -> String {
    std::env::var(name).unwrap_or_else(|_| fail(&format!("cargo does not set {name}")))
}

fn ask(config: &str, question: &str) -> String {
    match Command::new(config).arg(question).output() {
        Ok(output) if output.status.success() => {
            String::from_utf8_lossy(&output.stdout).trim().to_owned()
        }
        Ok(_) => fail(&format!("{config} {question} failed")),
        Err(error) => fail(&format!(
            "{config} cannot be run ({error}); install the PHP development package \
             (Debian: php8.2-dev) or set PHP_CONFIG"
        )),
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path)
        .unwrap_or_else(|error| fail(&format!("{} cannot be read: {error}", path.display())))
}

fn fail(why: &str) -> ! {
    println!("cargo::error=swoole_tracker: {why}");
    std::process::exit(1);
}

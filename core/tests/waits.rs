//! Every function that waits, as `src/zend/waits.rs` lists them, is called by a test.

mod tree;

use std::collections::BTreeSet;

use tree::{read, root};

#[test]
fn every_function_that_waits_is_tested() {
    let source = read(&root().join("src/zend/waits.rs"));
    let (_, list) = source.split_once("const WAITS").expect("the list");
    let (list, _) = list.split_once("];").expect("its end");
    let listed: BTreeSet<&str> = list.split('"').skip(1).step_by(2).collect();
    assert!(listed.len() > 30, "{listed:?}");

    let tests = read(&root().join("php-tests/leak/wait_functions.phpt"));
    // The call is the second text of its row.
    let missing: Vec<_> = listed
        .iter()
        .filter(|name| !tests.contains(&format!(", '{name}(")))
        .collect();
    assert!(
        missing.is_empty(),
        "in no php-tests/leak/wait_functions.phpt: {missing:?}"
    );
}

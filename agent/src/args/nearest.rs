//! What is said of an argument that there is none of.

/// Edits up to which a name is taken for another one, misspelt.
const FAR: usize = 3;

/// Names the argument, and the one of `known` that may be meant.
pub fn unknown(argument: &str, known: &[&str]) -> String {
    match nearest(argument, known) {
        Some(near) => format!("unknown argument {argument:?}, did you mean {near}?"),
        None => format!("unknown argument {argument:?}"),
    }
}

fn nearest<'a>(argument: &str, known: &[&'a str]) -> Option<&'a str> {
    let bare = argument.trim_start_matches('-');
    let begins = |name: &&&str| bare.len() > 2 && name.trim_start_matches('-').starts_with(bare);
    if let Some(whole) = known.iter().find(begins) {
        return Some(whole);
    }
    let distance = |name: &str| strsim::osa_distance(bare, name.trim_start_matches('-'));
    let (far, near) = known.iter().map(|name| (distance(name), *name)).min()?;
    // Half of it must be right: everything is near a name of three letters.
    (far <= FAR && far * 2 < bare.chars().count().max(2)).then_some(near)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: [&str; 4] = ["--socket", "--socket-mode", "--app", "--data-dir"];

    #[test]
    fn the_nearest_is_named() {
        for (argument, near) in [
            ("--sokcet", Some("--socket")),
            ("--data_dir", Some("--data-dir")),
            ("-socket", Some("--socket")),
            ("--socket-mod", Some("--socket-mode")),
            ("--app", Some("--app")),
            ("--ap", None),
            ("--data", Some("--data-dir")),
            ("--xyz", None),
            ("-x", None),
            ("", None),
        ] {
            assert_eq!(nearest(argument, &KNOWN), near, "{argument}");
        }
        assert_eq!(nearest("--socket", &[]), None);
    }

    #[test]
    fn the_argument_is_always_named() {
        let text = unknown("--sokcet", &KNOWN);
        assert_eq!(
            text,
            "unknown argument \"--sokcet\", did you mean --socket?"
        );
        assert_eq!(unknown("y\n", &KNOWN), "unknown argument \"y\\n\"");
    }
}

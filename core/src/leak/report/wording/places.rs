//! Lists of places: undecided lines, patterns without effect.

use crate::leak::report::fmt::{counted, visible};

/// `file:line` of the lines that a trial of so many loops could not decide on, and
/// how many it should have; `None` if there are none.
#[must_use]
pub fn undecided_sentence(mut places: Vec<String>, loops: u64, enough: u64) -> Option<String> {
    places.sort();
    places.dedup();
    let count = places.len() as u64;
    let verb = if count == 1 { "is" } else { "are" };
    let places: Vec<_> = places.iter().map(|place| visible(place)).collect();
    (count > 0).then(|| {
        format!(
            "{} {verb} undecided after {}: give it {enough} loops or more, as in \
             trackerAssertNoLeak($body, {enough}) ({})",
            counted(count, "line"),
            counted(loops, "loop"),
            places.join(", ")
        )
    })
}

/// Which patterns of `leak_ignore` have nothing to do; `None` if all have.
#[must_use]
pub fn unmatched_sentence(patterns: &[String]) -> Option<String> {
    let names: Vec<_> = patterns.iter().map(|pattern| visible(pattern)).collect();
    let head = match names.len() {
        0 => return None,
        1 => "this pattern fits",
        _ => "these patterns fit",
    };
    Some(format!(
        "{head} no line that kept memory: {}",
        names.join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trial_names_what_it_could_not_decide() {
        let places = |names: &[&str]| names.iter().map(ToString::to_string).collect();
        assert_eq!(undecided_sentence(Vec::new(), 5, 20), None);
        assert_eq!(
            undecided_sentence(places(&["/a.php:3"]), 1, 20).as_deref(),
            Some(
                "1 line is undecided after 1 loop: give it 20 loops or more, as in \
                 trackerAssertNoLeak($body, 20) (/a.php:3)"
            )
        );
        assert_eq!(
            undecided_sentence(places(&["/b.php:4", "/a.php:3", "/b.php:4"]), 40, 70).as_deref(),
            Some(
                "2 lines are undecided after 40 loops: give it 70 loops or more, as in \
                 trackerAssertNoLeak($body, 70) (/a.php:3, /b.php:4)"
            )
        );
    }

    #[test]
    fn patterns_without_effect_are_named() {
        let sentence = |list: &[&str]| {
            unmatched_sentence(&list.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        assert_eq!(sentence(&[]), None);
        assert_eq!(
            sentence(&["a.php:7"]).as_deref(),
            Some("this pattern fits no line that kept memory: a.php:7")
        );
        assert_eq!(
            sentence(&["a.php:7", "b\n"]).as_deref(),
            Some("these patterns fit no line that kept memory: a.php:7, b\\n")
        );
    }
}

//! Tables and charts.

use super::*;

#[test]
fn any_table_and_any_chart_can_be_asked_for() {
    let api = api(Tokens::default(), fill);
    let table = |query: &str| {
        let answer = api.get(&format!("/api/v1/calls?{query}"));
        check("/api/v1/calls", "200", &answer);
        let rows = answer["rows"].as_array().unwrap().clone();
        let text = |row: &Value, name: &str| row[name].as_str().unwrap_or("-").to_owned();
        rows.iter()
            .map(|row| {
                format!(
                    "{} {} {}",
                    text(row, "app"),
                    text(row, "system"),
                    row["calls"]
                )
            })
            .collect::<Vec<_>>()
    };
    assert_eq!(table(""), ["shop - 2", "stock - 2"]);
    // What is asked of others, of one kind or of all systems.
    assert_eq!(
        table("kind=client&by=system&app=shop"),
        ["- http 2", "- mysql 2"]
    );
    assert_eq!(
        table("kind=client&by=app&system=mysql&sort=p95_us"),
        ["shop - 2"]
    );
    assert_eq!(table("by=system&peer=shop"), ["- http 2"]);
    assert_eq!(table("by=host&app=nobody"), [""; 0]);
    assert_eq!(table("by=host&host=web1&limit=1"), ["- - 4"]);
    let points = |query: &str| {
        let answer = api.get(&format!("/api/v1/series?{query}"));
        check("/api/v1/series", "200", &answer);
        answer["series"].clone()
    };
    let all = points("heat=1");
    assert_eq!(all.as_array().unwrap().len(), 1);
    let point = &all[0]["points"][0];
    assert_eq!(
        (&point["calls"], &point["codes"]),
        (&json!(4), &json!({"200": 4}))
    );
    // 1 ms and 3 ms, twice each, in rows that end where four rows double a duration.
    assert_eq!(point["heat"], json!([[1_161, 2], [3_285, 2]]));
    let by_app = points("by=app&step=60");
    assert_eq!(
        (&by_app[0]["app"], &by_app[1]["app"]),
        (&json!("shop"), &json!("stock"))
    );
    let endpoint = points("app=shop&endpoint=GET%20%2Fcart&step=86400");
    assert_eq!(endpoint[0]["points"][0]["calls"], 2);
    assert_eq!(points("app=nobody")[0]["points"], json!([]));
    assert!(points("")[0]["points"][0]["heat"].is_null());
}

//! What comes out is what it says: documents that parse, pictures that decode, texts that are there.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "tests")]

use std::io::Cursor;

use countersign_charts::{Chart, Group, Shape, png, svg};

fn group(label: &str, values: &[i64]) -> Group {
    Group { label: label.to_owned(), values: values.to_vec() }
}

fn chart(shape: Shape, groups: Vec<Group>) -> Chart {
    Chart {
        shape,
        title: "Spending in November 2026".to_owned(),
        unit: "EUR".to_owned(),
        groups_are: "Category".to_owned(),
        series: vec!["Income".to_owned(), "Expense".to_owned()],
        groups,
        scale: 2,
        other: "Other".to_owned(),
        nothing: "No movements".to_owned(),
    }
}

fn categories() -> Chart {
    let groups = vec![
        group("Groceries", &[0, 45_321]),
        group("Еда вне дома и всё остальное, что едят", &[1_200, 123_456]),
        group("<script>alert('1 & 2')</script>", &[0, 99]),
        group("Salary", &[250_000, 0]),
        group("Refunds", &[0, -5_000]),
    ];
    chart(Shape::Bars, groups)
}

fn months(many: u32) -> Chart {
    let groups = (0..many).map(|month| {
        let month = i64::from(month);
        group(
            &format!("{}-{:02}", 2025 + month / 12, 1 + month % 12),
            &[300_000 + month * 1_000, 210_000 + month * 7_300],
        )
    });
    chart(Shape::Columns, groups.collect())
}

/// The texts of a document, in order.
fn texts(document: &str) -> Vec<String> {
    let document = roxmltree::Document::parse(document).unwrap();
    assert!(document.descendants().all(|node| !node.has_tag_name("script")));
    let texts = document.descendants().filter(|node| node.tag_name().name() == "text");
    texts.map(|node| node.text().unwrap_or_default().trim().to_owned()).collect()
}

/// Width, height and how many pixels of a rectangle are not the ground's.
fn decoded(bytes: &[u8]) -> (u32, u32, Vec<u8>) {
    let mut reader = ::png::Decoder::new(Cursor::new(bytes)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    assert_eq!((info.color_type, info.bit_depth), (::png::ColorType::Rgb, ::png::BitDepth::Eight));
    (info.width, info.height, pixels)
}

fn inked(pixels: &[u8], width: u32, across: std::ops::Range<u32>, down: std::ops::Range<u32>) -> usize {
    let at = |x: u32, y: u32| 3 * (y * width + x) as usize;
    down.flat_map(|y| across.clone().map(move |x| (x, y))).filter(|(x, y)| pixels[at(*x, *y)] < 128).count()
}

#[test]
fn a_document_holds_its_labels_escaped_and_its_amounts_exactly() {
    let document = svg(&categories()).unwrap();
    assert!(!document.contains("<script>"), "hostile names are escaped");
    let texts = texts(&document);
    for text in [
        "Spending in November 2026",
        "EUR",
        "Category",
        "Income",
        "Expense",
        "Groceries",
        "453.21",
        "1\u{a0}234.56",
        "2\u{a0}500.00",
        "\u{2212}50.00",
        "0.99",
    ] {
        assert!(texts.iter().any(|found| found == text), "{text} in {texts:?}");
    }
    assert!(texts.iter().any(|found| found.starts_with("<script>alert(")), "{texts:?}");
    assert!(texts.iter().any(|found| found.starts_with("Еда вне") && found.ends_with('…')), "{texts:?}");
}

#[test]
fn names_that_no_document_may_hold_are_cleaned() {
    let hostile = chart(Shape::Bars, vec![group("a\u{0}\u{8}\u{b}\u{ffff}\u{202e}]]>&<!--", &[1, 2])]);
    assert!(texts(&svg(&hostile).unwrap()).iter().any(|text| text == "a ]]>&<!--"));
    assert!(!png(&hostile).unwrap().is_empty());
}

#[test]
fn a_picture_decodes_and_its_texts_are_inked() {
    let (width, height, pixels) = decoded(&png(&categories()).unwrap());
    assert_eq!((width, height), (960, 84 + 90 + 5 * 62));
    assert!(inked(&pixels, width, 24..400, 18..44) > 500, "the title");
    assert!(inked(&pixels, width, 24..300, 54..74) > 300, "the legend");
    assert!(inked(&pixels, width, 60..260, 90..400) > 500, "the names");
    assert!(inked(&pixels, width, 300..940, height - 70..height - 10) > 300, "the axis and its unit");
    assert_eq!(&pixels[3 * (width as usize + 1)..][..3], [255, 255, 255], "the ground is opaque white");
}

#[test]
fn columns_grow_with_the_months() {
    let (width, height, _) = decoded(&png(&months(24)).unwrap());
    assert_eq!((width, height), (160 + 78 * 24, 560));
    let texts = texts(&svg(&months(24)).unwrap());
    for text in ["2025-01", "2026-12", "1\u{a0}000"] {
        assert!(texts.iter().any(|found| found == text), "{text} in {texts:?}");
    }
    assert_eq!(decoded(&png(&months(1)).unwrap()).0, 960);
}

#[test]
fn where_nothing_happened_the_picture_says_so() {
    for groups in [vec![], vec![group("Groceries", &[0, 0])]] {
        for shape in [Shape::Bars, Shape::Columns] {
            let empty = chart(shape, groups.clone());
            assert!(texts(&svg(&empty).unwrap()).iter().any(|text| text == "No movements"));
            assert!(!png(&empty).unwrap().is_empty());
        }
    }
}

#[test]
fn amounts_at_the_ends_of_the_range_are_drawn() {
    for values in [[i64::MAX, i64::MIN], [i64::MIN, i64::MIN], [1, -1]] {
        for shape in [Shape::Bars, Shape::Columns] {
            for scale in [0, 2, 8, 18] {
                let chart = Chart { scale, ..chart(shape, vec![group("g", &values)]) };
                assert!(!svg(&chart).unwrap().is_empty() && !png(&chart).unwrap().is_empty());
            }
        }
    }
}

#[test]
fn the_same_chart_gives_the_same_bytes() {
    for chart in [categories(), months(12)] {
        assert_eq!(svg(&chart).unwrap(), svg(&chart).unwrap());
        assert_eq!(png(&chart).unwrap(), png(&chart).unwrap());
    }
}

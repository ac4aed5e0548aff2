//! Tables for spreadsheets: CSV (RFC 4180) in which no customer's text becomes a formula.

use std::io::{self, Write};

/// What makes a spreadsheet calculate, in half and in full width, and what it passes over before that.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A cell that a spreadsheet would take for a formula gets an apostrophe; a negative number stays one.
fn neutralize(cell: &str) -> String {
    let number =
        cell.strip_prefix('-').is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
    if cell.starts_with(FORMULA) && !number { format!("'{cell}") } else { cell.to_owned() }
}

/// A table, row by row; its cells are neutralised here.
pub fn write_csv<const N: usize>(
    out: &mut dyn Write,
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> io::Result<()> {
    let mut writer = csv::Writer::from_writer(out);
    writer.write_record(header)?;
    for row in rows {
        writer.write_record(row.map(|cell| neutralize(&cell)))?;
    }
    writer.flush()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_are_text_and_numbers_stay_numbers() {
        for formula in [
            "=1+1",
            "+cmd",
            "-2+3",
            "@SUM(A1)",
            "\t=1",
            "\r=1",
            "\n=1",
            "＝1+1",
            "-1-1",
            "-x",
            "-cmd|' /C calc'!A0",
        ] {
            assert_eq!(neutralize(formula), format!("'{formula}"));
        }
        for harmless in ["-12.34", "a=b", "", "db-1", "web"] {
            assert_eq!(neutralize(harmless), harmless);
        }
    }

    #[test]
    fn rows_follow_their_header() {
        let rows = [["a,b".to_owned(), "=1".to_owned()]];
        let mut out = Vec::new();
        write_csv(&mut out, ["x", "y"], rows).unwrap();
        assert_eq!(out, b"x,y\n\"a,b\",'=1\n");
    }
}

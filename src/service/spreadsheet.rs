//! Tables for spreadsheets: CSV (RFC 4180) in which no customer's text becomes a formula.

/// What makes a spreadsheet calculate, in half and in full width, and what it passes over before that.
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// A cell that a spreadsheet would take for a formula gets an apostrophe; a negative number stays one.
#[must_use]
pub fn neutralize(cell: &str) -> String {
    let number =
        cell.strip_prefix('-').is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit() || b == b'.'));
    if cell.starts_with(FORMULA) && !number { format!("'{cell}") } else { cell.to_owned() }
}

/// A whole table in memory; its cells are neutralised here.
pub fn to_csv<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header)?;
    for row in rows {
        writer.write_record(row.map(|cell| neutralize(&cell)))?;
    }
    writer.into_inner().map_err(|broken| broken.into_error().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_spreadsheet_would_run_is_quoted() {
        for (cell, safe) in
            [("=1+1", "'=1+1"), ("-12.5", "-12.5"), ("-x", "'-x"), ("web", "web"), ("＝1", "'＝1")]
        {
            assert_eq!(neutralize(cell), safe);
        }
    }

    #[test]
    fn rows_follow_their_header() {
        let rows = [["a,b".to_owned(), "=1".to_owned()]];
        assert_eq!(to_csv(["x", "y"], rows).unwrap(), b"x,y\n\"a,b\",'=1\n");
    }
}

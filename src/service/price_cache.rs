//! stub
impl crate::pricing::PriceCache for crate::db::Database {}

//! Entering customers' accounts: what must hold before, while and after a role is used.

mod drift;
mod external_ids;
mod second_emulator;
mod sessions;
mod templates;

//! What a finding asks for ends it.

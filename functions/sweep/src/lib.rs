//! Each minute: promotes what comes due and what was lost on the way.

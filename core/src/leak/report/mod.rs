//! The outputs: one file per format, each a function of the report.

//! Reads the table's stream and turns each change into deliveries.

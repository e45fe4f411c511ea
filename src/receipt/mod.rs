//! A fiscal receipt's image, made printable.

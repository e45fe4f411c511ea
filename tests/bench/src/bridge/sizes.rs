//! Sizes of what goes onto a terminal, as `scripts/android-build` made it; each next to its budget.

use std::path::PathBuf;

use crate::table::{Table, Target};

const LIBRARY: &str = "libposconnect.so";

pub(super) fn measure(table: &mut Table) {
    let android = target().join("android");
    let files = [
        ("library for arm64-v8a", android.join("lib/arm64-v8a").join(LIBRARY), 3.2),
        ("library for armeabi-v7a", android.join("lib/armeabi-v7a").join(LIBRARY), 2.2),
        ("APK with both", android.join("pos-connect.apk"), 5.0),
    ];
    for (name, file, budget_mb) in files {
        match file.metadata() {
            Ok(metadata) => {
                let size_mb = f64::from(u32::try_from(metadata.len()).expect("a small file")) / 1e6;
                table.add(name, size_mb, "MB", (budget_mb, "its budget"), &Target::Below(budget_mb));
            }
            Err(_) => eprintln!("{name}: not built; run scripts/android-build first"),
        }
    }
}

/// The target directory, which holds this program's profile directory.
fn target() -> PathBuf {
    let own = std::env::current_exe().unwrap_or_default();
    own.parent().and_then(|profile| profile.parent()).map_or_else(PathBuf::new, ToOwned::to_owned)
}

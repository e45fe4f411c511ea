#!/bin/sh
# Draws the app's icon from icon.svg for launchers before Android 8. Needs rsvg-convert (Debian: librsvg2-bin).
set -eu
cd "$(dirname "$0")"
for size in mdpi:48 hdpi:72 xhdpi:96 xxhdpi:144; do
    rsvg-convert --width="${size#*:}" --height="${size#*:}" icon.svg --output="../app/src/main/res/mipmap-${size%:*}/ic_launcher.png"
done

#!/bin/sh
# Makes NotoSansSC-Regular.otf and NotoSansSC-Bold.otf from Debian's fonts-noto-cjk with pyftsubset (package fonttools).
# GBK (the two-byte half of GB 18030) rather than GB2312, because names need it (龘, 喆, 堃, 镕 …). Outlines stay CFF: nothing is converted.
# --layout-features='' drops kerning and vertical forms, which the app does not use; hints only cost size on tablets.
set -eu
cd "$(dirname "$0")"
chars=$(mktemp)
trap 'rm -f "$chars"' EXIT
/usr/bin/python3 - >"$chars" <<'PY'
for lead in range(0x81, 0xFF):
    for trail in range(0x40, 0xFF):
        try:
            print(bytes([lead, trail]).decode("gb18030"), end="")
        except UnicodeDecodeError:
            pass  # a hole in the code page
PY
# Latin with pinyin tone marks, general punctuation, currency, ㎡ ℃ №, fractions, arrows, operators, ① ②, boxes, radicals, ■ ● ◆, ✓ ⚠, CJK punctuation, full width
blocks=20-7E,A0-17F,1CD-1DC,1F8-1F9,2000-206F,2070-20BF,2100-218F,2190-21FF,2200-22FF,2300-23FF,2460-24FF,2500-25FF,2600-27BF,2E80-2FFF,3000-303F,3200-33FF,FE30-FE4F,FF00-FFEF
for weight in Regular Bold; do
    # Font 2 of the collection is the Simplified Chinese one.
    pyftsubset "/usr/share/fonts/opentype/noto/NotoSansCJK-$weight.ttc" --font-number=2 \
        --text-file="$chars" --unicodes="$blocks" --layout-features='' --no-hinting \
        --output-file="NotoSansSC-$weight.otf"
done

// The style of report.html. Palette of Okabe and Ito, which the color-blind
// can tell apart, made lighter or darker for each background.
#ifndef MICROGPT_CLI_PAGE_PAGE_STYLE_H_
#define MICROGPT_CLI_PAGE_PAGE_STYLE_H_

#include <string_view>

namespace microgpt::cli {

// Holds none of the characters that XML would have to escape.
inline constexpr std::string_view kPageStyle = R"css(
:root {
  color-scheme: light dark;
  --page: #fbfbfa; --card: #ffffff; --text: #1c1f23; --soft: #5d6670;
  --line: #e4e6e8; --stripe: #f5f6f6; --link: #0a5f9e;
  --good: #0b7048; --bad: #b3261e; --bad-text: #ffffff;
  --s0: #0072b2; --s1: #d55e00; --s2: #00825f; --s3: #a64d86; --s4: #9a7400;
  --s5: #2f8fc4; --ideal: #8a929b;
  --p0: #0072b2; --p1: #e69f00; --p2: #56b4e9; --p3: #cc79a7; --p4: #009e73;
  --p5: #d0d4d9;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #121417; --card: #1a1d21; --text: #e7e9ec; --soft: #9aa3ad;
    --line: #2d3238; --stripe: #20242a; --link: #7cc0f5;
    --good: #5fd3a0; --bad: #ff6b5e; --bad-text: #1b0605;
    --s0: #4fb3f0; --s1: #ff9248; --s2: #35cf9f; --s3: #e59ac6; --s4: #e8c04a;
    --s5: #9ad7fb; --ideal: #7b848e;
    --p0: #2f8fd0; --p1: #e8a92c; --p2: #8accf2; --p3: #d68fb8; --p4: #2db58c;
    --p5: #454c55;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0; background: var(--page); color: var(--text);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue",
    Arial, sans-serif;
}
main { max-width: 1120px; margin: 0 auto; padding: 40px 24px 72px; }
h1 { margin: 0; font-size: 30px; line-height: 1.2; letter-spacing: -0.02em; }
h2 {
  margin: 56px 0 12px; padding-top: 20px; border-top: 1px solid var(--line);
  font-size: 22px; line-height: 1.3; letter-spacing: -0.01em;
}
h3 { margin: 36px 0 8px; font-size: 18px; }
p { margin: 10px 0; max-width: 76ch; overflow-wrap: anywhere; }
.subtitle { margin: 6px 0 0; color: var(--soft); }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
nav ul {
  display: flex; flex-wrap: wrap; gap: 4px 20px; margin: 16px 0 0; padding: 0;
  list-style: none; font-size: 15px;
}
.alert {
  max-width: none; margin: 20px 0; padding: 14px 18px; border-radius: 8px;
  background: var(--bad); color: var(--bad-text);
}
.tiles {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(200px, 1fr));
  gap: 16px; margin: 28px 0 20px;
}
.tiles div {
  display: flex; flex-direction: column-reverse; justify-content: flex-end;
  padding: 16px 20px; border: 1px solid var(--line); border-radius: 10px;
  background: var(--card);
}
.tiles dt { color: var(--soft); font-size: 14px; line-height: 1.4; }
.tiles dd {
  margin: 0 0 2px; font-size: 30px; font-weight: 650; line-height: 1.25;
  letter-spacing: -0.02em; font-variant-numeric: tabular-nums;
}
.good { color: var(--good); font-weight: 600; }
.bad { color: var(--bad); font-weight: 700; }
td .marked { font-weight: 700; color: var(--s1); }
.sample { white-space: pre-wrap; overflow-wrap: anywhere; }
.muted { color: var(--soft); font-style: italic; }
.scroll {
  margin: 18px 0; overflow-x: auto; border: 1px solid var(--line);
  border-radius: 10px; background: var(--card);
}
table {
  width: 100%; border-collapse: separate; border-spacing: 0; font-size: 14px; line-height: 1.4;
  font-variant-numeric: tabular-nums;
}
caption {
  position: sticky; left: 0; padding: 12px 14px 8px; text-align: left;
  font-size: 15px; font-weight: 600;
}
th, td { padding: 7px 14px; text-align: left; vertical-align: top; }
thead th {
  color: var(--soft); font-weight: 500; white-space: nowrap;
  border-bottom: 1px solid var(--line);
}
tbody tr + tr th, tbody tr + tr td { border-top: 1px solid var(--line); }
tbody th { font-weight: 500; }
.number { text-align: right; white-space: nowrap; }
.number:first-child { width: 1%; }
code {
  font: 0.92em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
  overflow-wrap: anywhere;
}
.tables { columns: 2 340px; column-gap: 18px; margin: 18px 0; }
.tables .scroll { margin: 0 0 18px; break-inside: avoid; }
.tables tbody th { white-space: nowrap; }
.figures {
  display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 320px), 1fr));
  gap: 18px; margin: 20px 0;
}
.large { grid-template-columns: repeat(auto-fill, minmax(min(100%, 440px), 1fr)); }
figure {
  margin: 0; padding: 14px 16px 12px; border: 1px solid var(--line);
  border-radius: 10px; background: var(--card); break-inside: avoid;
}
figcaption { margin-bottom: 6px; font-size: 15px; font-weight: 600; }
figure svg[role] { display: block; width: 100%; height: auto; overflow: visible; }
td code { white-space: nowrap; }
.tables td code { white-space: normal; }
svg text { font: 12.5px system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif;
  fill: var(--soft); font-variant-numeric: tabular-nums; }
.middle { text-anchor: middle; }
.right { text-anchor: end; }
svg .total { fill: var(--text); font-size: 12px; }
.grid { stroke: var(--line); }
.tick, .base { stroke: var(--soft); }
.line { fill: none; stroke: currentColor; stroke-width: 2; stroke-linejoin: round; }
.error { fill: none; stroke: currentColor; stroke-width: 1.3; }
.marker { fill: currentColor; stroke: var(--card); stroke-width: 1.2; }
.dashed .line { stroke-dasharray: 6 4; }
.ideal .line { stroke-width: 1.3; stroke-dasharray: 2 4; opacity: 0.8; }
.band { fill: currentColor; fill-opacity: 0.16; stroke: none; }
.faint .line { stroke-width: 1; opacity: 0.38; }
.reference { color: var(--ideal); }
.s0 { color: var(--s0); } .s1 { color: var(--s1); } .s2 { color: var(--s2); }
.s3 { color: var(--s3); } .s4 { color: var(--s4); } .s5 { color: var(--s5); }
.p0 { fill: var(--p0); } .p1 { fill: var(--p1); } .p2 { fill: var(--p2); }
.p3 { fill: var(--p3); } .p4 { fill: var(--p4); } .p5 { fill: var(--p5); }
.legend {
  display: flex; flex-wrap: wrap; gap: 2px 18px; margin: 8px 0 0; padding: 0;
  list-style: none; color: var(--soft); font-size: 14px;
}
.legend li { display: flex; align-items: center; gap: 7px; overflow-wrap: anywhere; }
.legend svg { flex: none; overflow: visible; }
@media (max-width: 640px) {
  main { padding: 24px 16px 48px; }
  h1 { font-size: 25px; }
  h2 { margin-top: 40px; }
  .tiles { gap: 10px; }
  .tiles div { padding: 12px 16px; }
  .tiles dd { font-size: 25px; }
  figure { padding: 12px 10px; }
  th, td { padding: 7px 10px; }
  tbody th { position: sticky; left: 0; background: var(--card); }
  svg text { font-size: 15px; }
  .tables tbody th { white-space: normal; }
  td { min-width: 10em; }
  td.number { min-width: 0; }
}
@media print {
  body { font-size: 11px; background: none; }
  main { max-width: none; padding: 0; }
  nav { display: none; }
  h2, h3, caption { break-after: avoid; }
  .scroll { overflow: visible; break-inside: avoid; }
  .figures { grid-template-columns: 1fr 1fr; }
  .tables { columns: 2; }
  .tiles dd { font-size: 20px; }
  .tiles dt, .legend, caption, figcaption { font-size: 11px; }
  h2 { margin-top: 28px; }
  table { font-size: 9px; }
  th, td { padding: 3px 6px; }
  .alert { border: 3px solid var(--bad); }
  * { -webkit-print-color-adjust: exact; print-color-adjust: exact; }
}
)css";

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_PAGE_PAGE_STYLE_H_

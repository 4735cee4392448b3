// Foreign text (names of CPUs, labels) in output for people.
#ifndef MICROGPT_CLI_PAGE_TEXT_ESCAPE_H_
#define MICROGPT_CLI_PAGE_TEXT_ESCAPE_H_

#include <string>
#include <string_view>

namespace microgpt::cli {

// One line of valid UTF-8: line ends and tabs become spaces; bytes that are not
// UTF-8, control characters and those that turn the direction of text around
// become U+FFFD.
std::string CleanText(std::string_view text);

// CleanText for the content of XML elements and attributes in double quotes.
std::string EscapeXml(std::string_view text);

// CleanText for paragraphs and table cells of GitHub's Markdown.
std::string EscapeMarkdown(std::string_view text);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_PAGE_TEXT_ESCAPE_H_

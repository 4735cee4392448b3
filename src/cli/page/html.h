// Documents as HTML.
#ifndef MICROGPT_CLI_PAGE_HTML_H_
#define MICROGPT_CLI_PAGE_HTML_H_

#include <string>

#include "cli/page/document.h"

namespace microgpt::cli {

// Stands near the beginning of every page of that generator, and nowhere else.
std::string GeneratorTag(const std::string& generator);

// One self-contained page with SVG plots; refers to nothing outside. XML as
// well as HTML, so that tests can parse it strictly.
std::string ToHtml(const Document& document);

}  // namespace microgpt::cli

#endif  // MICROGPT_CLI_PAGE_HTML_H_

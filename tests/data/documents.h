// What a corpus consists of, and the ways to cut one.
#ifndef MICROGPT_TESTS_DATA_DOCUMENTS_H_
#define MICROGPT_TESTS_DATA_DOCUMENTS_H_

#include <cstdint>
#include <string>
#include <vector>

#include "microgpt/corpus.h"

namespace microgpt {

using Ids = std::vector<std::int32_t>;

inline CorpusOptions TextMode(int block_size) {
  CorpusOptions options;
  options.data.doc_mode = DocMode::kText;
  options.block_size = block_size;
  return options;
}

inline CorpusOptions Chunks(int block_size) {
  CorpusOptions options;
  options.data.long_docs = LongDocs::kChunk;
  options.block_size = block_size;
  return options;
}

inline CorpusOptions TokenMode(int block_size) {
  CorpusOptions options;
  options.data.doc_mode = DocMode::kTokens;
  options.block_size = block_size;
  return options;
}

// Of every document, in the order of training; none may be longer than 99.
inline std::vector<Ids> AllIds(const Corpus& corpus) {
  std::vector<Ids> documents(corpus.num_documents());
  for (std::size_t i = 0; i < documents.size(); ++i) {
    documents[i].resize(100);
    documents[i].resize(corpus.EncodeDocument(i, documents[i]));
  }
  return documents;
}

inline std::vector<std::string> Documents(const Corpus& corpus) {
  std::vector<std::string> documents;
  for (std::size_t i = 0; i < corpus.num_documents(); ++i) {
    documents.push_back(corpus.Document(i));
  }
  return documents;
}

}  // namespace microgpt

#endif  // MICROGPT_TESTS_DATA_DOCUMENTS_H_

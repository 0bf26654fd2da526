// The graph as JSON: what other tools, other emitters and tests read.
#ifndef KASANE_GENERATOR_JSON_WRITER_H_
#define KASANE_GENERATOR_JSON_WRITER_H_

#include <string>

#include "generator/graph.h"
#include "src/base/json.h"

namespace kasane {

// Everything that is needed to run the build without ninja. Paths are relative to the build directory, in
// which the commands run, or absolute.
//   {"version":1,
//    "dockerfile":"Dockerfile",                     its name for people
//    "default":"image",
//    "targets":{"image":[12],...},                  edges by id
//    "edges":[{"id":0,                              ids count from 0; an edge reads only what smaller ids
//    write
//              "kind":"copy","title":"[0] COPY . .",
//              "stage":"0","line":9,"text":"COPY . .",   left out where there is no single one
//              "spec":{...},                        its step, src/contract/spec.h
//              "command":["gen","step",...],
//              "inputs":[records],"files":[files of the context],
//              "outputs":[the record, then other files],
//              "deps":[ids of edges that write the inputs],
//              "pool":"pull"|"terminal",            left out where there is none
//              "always":true}]}                     left out where false: has no output, runs whenever it is
//              asked for
Json GraphJson(const Graph& graph, const CommandContext& context, const std::string& dockerfile);

}  // namespace kasane

#endif  // KASANE_GENERATOR_JSON_WRITER_H_

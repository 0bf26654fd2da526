# find_package(Kasane): kasane_image(), images of Dockerfiles as targets. See README.md beside this file.
cmake_minimum_required(VERSION 3.20)

# The gen that belongs to these rules: they lie in rules/cmake beside it, or in share/kasane/cmake of its prefix.
get_filename_component(_kasane_rules "${CMAKE_CURRENT_LIST_DIR}" REALPATH)
find_program(KASANE_GEN gen HINTS "${_kasane_rules}/../.." "${_kasane_rules}/../../bazel-bin/generator"
             "${CMAKE_CURRENT_LIST_DIR}/../../../bin" DOC "Kasane's gen" NO_CMAKE_PATH)
mark_as_advanced(KASANE_GEN)
if(NOT KASANE_GEN)
  set(Kasane_FOUND FALSE)
  set(Kasane_NOT_FOUND_MESSAGE "gen is not beside ${_kasane_rules}; set KASANE_GEN to its path")
  return()
endif()

include("${CMAKE_CURRENT_LIST_DIR}/KasaneImage.cmake")

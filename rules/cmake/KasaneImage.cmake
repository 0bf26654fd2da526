# kasane_image(NAME ...): README.md says what it takes. gen writes one custom command for each edge of the image's
# graph; here they are included, and targets are put on top.

# Where what other targets make stands for a COPY --from: DIRECTORY gets a copy of the target's file. Its name there is
# what the target is called in a build without configurations.
function(_kasane_stage_target directory target out_file)
  get_target_property(type ${target} TYPE)
  get_target_property(name ${target} OUTPUT_NAME)
  if(NOT name)
    set(name ${target})
  endif()
  if(type STREQUAL EXECUTABLE)
    set(name "${name}${CMAKE_EXECUTABLE_SUFFIX}")
  elseif(type STREQUAL SHARED_LIBRARY)
    set(name "${CMAKE_SHARED_LIBRARY_PREFIX}${name}${CMAKE_SHARED_LIBRARY_SUFFIX}")
  elseif(type STREQUAL STATIC_LIBRARY)
    set(name "${CMAKE_STATIC_LIBRARY_PREFIX}${name}${CMAKE_STATIC_LIBRARY_SUFFIX}")
  else()
    message(FATAL_ERROR "kasane_image: target ${target} is no program or library that could be copied")
  endif()
  set(file "${directory}/${name}")
  add_custom_command(
    OUTPUT "${file}"
    COMMAND "${CMAKE_COMMAND}" -E copy "$<TARGET_FILE:${target}>" "${file}"
    DEPENDS ${target}
    COMMENT "Staging ${name} for an image"
    VERBATIM)
  file(MAKE_DIRECTORY "${directory}")
  set(${out_file} "${file}" PARENT_SCOPE)
endfunction()

# The targets NAME, NAME-archive and NAME-push of an image whose base is built in the same build: what the base is like
# is known only then, so gen runs then, and ninja runs what it writes. Both look each time and mostly find nothing to do.
function(_kasane_image_at_build_time name build context all depends files words)
  find_program(KASANE_NINJA NAMES ninja ninja-build REQUIRED DOC "ninja, for images on images of the same build")
  mark_as_advanced(KASANE_NINJA)
  add_custom_target(
    ${name} ${all}
    COMMAND "${KASANE_GEN}" ${words} -- "${context}"
    COMMAND "${KASANE_NINJA}" -C "${build}" image
    DEPENDS ${files}
    BYPRODUCTS "${build}/.kasane/out/oci/index.json"
    COMMENT "Image ${name}"
    VERBATIM)
  foreach(what archive push)
    add_custom_target(${name}-${what} COMMAND "${KASANE_NINJA}" -C "${build}" ${what} USES_TERMINAL VERBATIM)
    add_dependencies(${name}-${what} ${name})
  endforeach()
  if(depends)
    add_dependencies(${name} ${depends})
  endif()
endfunction()

function(kasane_image name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "ALL" "CONTEXT;DOCKERFILE;STAGE"
                        "TAGS;BUILD_ARGS;CONTEXTS;GENERATED;DEPENDS;OPTIONS")
  if(arg_UNPARSED_ARGUMENTS)
    message(FATAL_ERROR "kasane_image(${name}): unknown arguments: ${arg_UNPARSED_ARGUMENTS}")
  endif()
  if(NOT arg_CONTEXT)
    set(arg_CONTEXT .)
  endif()
  get_filename_component(context "${arg_CONTEXT}" ABSOLUTE)
  set(build "${CMAKE_CURRENT_BINARY_DIR}/${name}.image")
  set(words "--build-dir=${build}" "--build-tree=${CMAKE_BINARY_DIR}")
  if(arg_DOCKERFILE)
    get_filename_component(dockerfile "${arg_DOCKERFILE}" ABSOLUTE)
    list(APPEND words "--file=${dockerfile}")
  endif()
  if(arg_STAGE)
    list(APPEND words "--target=${arg_STAGE}")
  endif()
  foreach(tag IN LISTS arg_TAGS)
    list(APPEND words "--tag=${tag}")
  endforeach()
  foreach(value IN LISTS arg_BUILD_ARGS)
    list(APPEND words "--build-arg=${value}")
  endforeach()
  foreach(path IN LISTS arg_GENERATED)
    get_filename_component(absolute "${path}" ABSOLUTE BASE_DIR "${CMAKE_CURRENT_BINARY_DIR}")
    if(path MATCHES "/$")
      string(APPEND absolute "/")
    endif()
    list(APPEND words "--generated=${absolute}")
  endforeach()

  # NAME=SOURCE: targets of this build, several under one name, or what gen takes.
  set(staged)
  set(files)
  set(bases)
  foreach(word IN LISTS arg_CONTEXTS)
    if(NOT word MATCHES "^([^=]+)=(.+)$")
      message(FATAL_ERROR "kasane_image(${name}): CONTEXTS wants NAME=DIRECTORY or NAME=TARGET, not ${word}")
    endif()
    set(of "${CMAKE_MATCH_1}")
    set(source "${CMAKE_MATCH_2}")
    set(layout)
    if(TARGET "${source}")
      get_target_property(layout "${source}" KASANE_LAYOUT)
    endif()
    if(layout)
      list(APPEND words "--build-context=${of}=oci-layout://${layout}")
      list(APPEND bases "${source}")
    elseif(TARGET "${source}")
      set(directory "${build}.contexts/${of}")
      _kasane_stage_target("${directory}" "${source}" file)
      list(APPEND words "--build-context=${of}=${directory}" "--generated=${file}")
      list(APPEND staged "${source}")
      list(APPEND files "${file}")
    elseif(source MATCHES "^[a-z-]+:")
      list(APPEND words "--build-context=${of}=${source}")
    else()
      get_filename_component(directory "${source}" ABSOLUTE)
      list(APPEND words "--build-context=${of}=${directory}")
    endif()
  endforeach()

  list(APPEND words ${arg_OPTIONS})
  set(depends ${staged} ${bases} ${arg_DEPENDS})
  set(all)
  if(arg_ALL)
    set(all ALL)
  endif()

  if(bases)
    if(DEFINED ENV{SOURCE_DATE_EPOCH}) # the one of now, as gen remembers it
      list(APPEND words "--build-arg=SOURCE_DATE_EPOCH=$ENV{SOURCE_DATE_EPOCH}")
    endif()
    _kasane_image_at_build_time(${name} "${build}" "${context}" "${all}" "${depends}" "${files}" "${words}")
  else()
    # Diagnostics have carets, which message() would break.
    execute_process(COMMAND "${KASANE_GEN}" --emit=cmake ${words} -- "${context}" RESULT_VARIABLE result)
    if(NOT result EQUAL 0)
      message(FATAL_ERROR "kasane_image(${name}): gen failed, as said above")
    endif()

    set(kasane_step_options)
    if(CMAKE_GENERATOR MATCHES "Makefiles")
      set(kasane_step_options --touch) # make has no restat
    endif()
    include("${build}/.kasane/image.cmake")
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${kasane_configure_depends})

    # A directory's custom commands belong to each target that needs them; the order between targets keeps two from
    # running one at once.
    add_custom_target(${name} ${all} DEPENDS ${kasane_image_outputs})
    if(depends)
      add_dependencies(${name} ${depends})
    endif()
    add_custom_target(${name}-archive DEPENDS ${kasane_archive_outputs})
    add_dependencies(${name}-archive ${name})
    add_custom_target(${name}-push COMMAND ${kasane_push_command} USES_TERMINAL VERBATIM)
    add_dependencies(${name}-push ${name})
  endif()
  foreach(what load run)
    add_custom_target(${name}-${what} COMMAND "${KASANE_GEN}" ${what} -C "${build}" USES_TERMINAL VERBATIM)
    add_dependencies(${name}-${what} ${name})
  endforeach()
  set_target_properties(${name} PROPERTIES KASANE_LAYOUT "${build}/.kasane/out/oci"
                                           KASANE_ARCHIVE "${build}/.kasane/out/image.tar")
endfunction()

# generated/version.h: which Tessera this is. Included, this file adds the target tsr_version, which looks at every
# build whether the git revision is still the same; run by that target (cmake -P), it writes the header if it changed.
if(CMAKE_SCRIPT_MODE_FILE)
  set(TSR_REVISION unknown)
  if(EXISTS ${SOURCE}/.git)
    execute_process(COMMAND git -C ${SOURCE} describe --always --dirty --abbrev=12 --exclude=*
                    OUTPUT_VARIABLE revision OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
    if(NOT failed)
      set(TSR_REVISION ${revision})
    endif()
  endif()
  configure_file(${SOURCE}/cmake/version.h.in ${HEADER} @ONLY)
  return()
endif()

set(TSR_LIBRARIES "")
foreach(package IN ITEMS ompi-c hdf5-openmpi gsl gmp yaml-0.1 nettle jansson)
  execute_process(COMMAND ${PKG_CONFIG_EXECUTABLE} --modversion ${package} OUTPUT_VARIABLE found
                  OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE missing)
  if(NOT missing)
    string(REGEX REPLACE "-.*" "" name ${package})
    list(APPEND TSR_LIBRARIES "${name} ${found}")
  endif()
endforeach()
list(JOIN TSR_LIBRARIES ", " TSR_LIBRARIES)

set(TSR_WRITE_VERSION
    ${CMAKE_COMMAND} -DSOURCE=${PROJECT_SOURCE_DIR} -DHEADER=${PROJECT_BINARY_DIR}/generated/version.h
    -DTSR_VERSION=${PROJECT_VERSION} "-DTSR_COMPILER=${CMAKE_C_COMPILER_ID} ${CMAKE_C_COMPILER_VERSION}"
    -DTSR_BUILD_TYPE=${CMAKE_BUILD_TYPE} "-DTSR_LIBRARIES=${TSR_LIBRARIES}" -P ${PROJECT_SOURCE_DIR}/cmake/version.cmake)
execute_process(COMMAND ${TSR_WRITE_VERSION})
add_custom_target(
  tsr_version
  COMMAND ${TSR_WRITE_VERSION}
  BYPRODUCTS ${PROJECT_BINARY_DIR}/generated/version.h
  VERBATIM)
add_dependencies(tsr_flags tsr_version)

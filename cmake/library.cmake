# libtessera.so = engine + kernels, built once per vector width. The dynamic loader picks the widest that the
# processor can run from lib/glibc-hwcaps/ (glibc 2.33 or newer; older ones take the baseline): no dispatch code.
function(tsr_library target directory)
  add_library(${target} SHARED ${TSR_ENGINE_SOURCES} ${TSR_KERNEL_SOURCES})
  target_compile_options(${target} PRIVATE ${ARGN})
  target_link_libraries(
    ${target}
    PUBLIC tsr_flags
    PRIVATE tsr_warnings OpenMP::OpenMP_C MPI::MPI_C GSL::gsl ${GMP_LIBRARY} m)
  set_target_properties(${target} PROPERTIES OUTPUT_NAME tessera LIBRARY_OUTPUT_DIRECTORY
                                                                 ${PROJECT_BINARY_DIR}/lib/${directory})
endfunction()

tsr_library(tessera_engine "" ${TSR_BASELINE})
if(TSR_WIDE AND TESSERA_WIDE)
  tsr_library(tessera_engine_wide glibc-hwcaps/x86-64-v4 ${TSR_WIDE})
  add_dependencies(tessera_engine tessera_engine_wide)
endif()

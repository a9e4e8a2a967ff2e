# What `cmake --install` lays down: libraries, headers, commands, pkg-config
# files and the CMake package. Everything finds its neighbours relative to
# itself, so a prefix may be chosen at install time and moved later.

include(CMakePackageConfigHelpers)

set(cmakedir ${CMAKE_INSTALL_LIBDIR}/cmake/ivs-token)
set(pkgconfigdir ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

# One export set a library, so that a distribution may split them.
foreach(lib token service)
    install(TARGETS ivs-${lib} EXPORT ivs-${lib}-targets
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
    install(EXPORT ivs-${lib}-targets NAMESPACE ivs:: DESTINATION ${cmakedir})
    set_target_properties(ivs-${lib} PROPERTIES INSTALL_RPATH "$ORIGIN")
endforeach()
install(DIRECTORY include/ivs DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
    FILES_MATCHING PATTERN "*.h")

# Programs go to the directory for commands, or where their own property says.
foreach(dir ivs-token ivs-emulator)
    set(targets)
    if(IS_DIRECTORY ${CMAKE_BINARY_DIR}/tools/${dir})
        get_property(targets DIRECTORY tools/${dir}
            PROPERTY BUILDSYSTEM_TARGETS)
    endif()
    foreach(target IN LISTS targets)
        get_target_property(type ${target} TYPE)
        if(type STREQUAL "EXECUTABLE")
            get_target_property(to ${target} IVS_INSTALL_DIR)
            if(NOT to)
                set(to ${CMAKE_INSTALL_BINDIR})
            endif()
            cmake_path(ABSOLUTE_PATH to BASE_DIRECTORY ${CMAKE_INSTALL_PREFIX}
                OUTPUT_VARIABLE full)
            file(RELATIVE_PATH libs ${full} ${CMAKE_INSTALL_FULL_LIBDIR})
            install(TARGETS ${target} DESTINATION ${to})
            set_target_properties(${target} PROPERTIES
                INSTALL_RPATH "$ORIGIN/${libs}")
        endif()
    endforeach()
endforeach()

file(RELATIVE_PATH prefix_from_pc
    ${CMAKE_INSTALL_PREFIX}/${pkgconfigdir} ${CMAKE_INSTALL_PREFIX})
if(gnutls_FOUND)
    set(gnutls_pc ", gnutls >= 3.7")
endif()
foreach(lib token service)
    configure_file(cmake/ivs-${lib}.pc.in ivs-${lib}.pc @ONLY)
    install(FILES ${CMAKE_BINARY_DIR}/ivs-${lib}.pc
        DESTINATION ${pkgconfigdir})
endforeach()

configure_package_config_file(cmake/ivs-token-config.cmake.in
    ivs-token-config.cmake INSTALL_DESTINATION ${cmakedir}
    NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file(ivs-token-config-version.cmake
    COMPATIBILITY SameMinorVersion)
install(FILES
    ${CMAKE_BINARY_DIR}/ivs-token-config.cmake
    ${CMAKE_BINARY_DIR}/ivs-token-config-version.cmake
    DESTINATION ${cmakedir})
install(FILES LICENSE README.md CHANGELOG.md SECURITY.md
    DESTINATION ${CMAKE_INSTALL_DOCDIR})

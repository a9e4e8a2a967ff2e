# hls.js for browsers that play no HLS of their own: from npm, as the lock file
# has it, into the build folder, once. HLSJS_DIR is the package, or empty.

set(IVS_EMULATOR_HLSJS AUTO CACHE STRING
    "hls.js for the emulator's page, from npm: AUTO (where it can be had), ON or OFF")
set_property(CACHE IVS_EMULATOR_HLSJS PROPERTY STRINGS AUTO ON OFF)
if(NOT IVS_EMULATOR_HLSJS MATCHES "^(AUTO|ON|OFF)$")
    message(FATAL_ERROR "IVS_EMULATOR_HLSJS is ${IVS_EMULATOR_HLSJS}, expected "
        "AUTO, ON or OFF")
endif()

set(HLSJS_DIR)
if(NOT IVS_EMULATOR_HLSJS STREQUAL "OFF")
    file(SHA256 ${CMAKE_CURRENT_LIST_DIR}/package-lock.json lock)
    set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS
        ${CMAKE_CURRENT_LIST_DIR}/package-lock.json)
    string(SUBSTRING ${lock} 0 16 lock)
    set(dir ${CMAKE_CURRENT_BINARY_DIR}/hls-${lock})
    find_program(IVS_NPM npm)
    mark_as_advanced(IVS_NPM)
    if(NOT EXISTS ${dir}/installed AND IVS_NPM)
        file(COPY ${CMAKE_CURRENT_LIST_DIR}/package.json
            ${CMAKE_CURRENT_LIST_DIR}/package-lock.json
            ${CMAKE_CURRENT_LIST_DIR}/.npmrc DESTINATION ${dir})
        execute_process(
            COMMAND ${IVS_NPM} ci --ignore-scripts --loglevel=error
                --fetch-retries=1 --fetch-retry-mintimeout=1000
            WORKING_DIRECTORY ${dir} TIMEOUT 60 RESULT_VARIABLE failed
            OUTPUT_FILE ${dir}/npm.log ERROR_FILE ${dir}/npm.log)
        if(failed)
            message(STATUS "hls.js: npm ci failed, see ${dir}/npm.log")
        else()
            file(TOUCH ${dir}/installed)
        endif()
    endif()
    if(EXISTS ${dir}/installed)
        set(HLSJS_DIR ${dir}/node_modules/hls.js)
    elseif(IVS_EMULATOR_HLSJS STREQUAL "ON")
        message(FATAL_ERROR "IVS_EMULATOR_HLSJS is ON, and hls.js cannot be had")
    endif()
endif()

# Writes the list of functions that lazy.c loads on their first call: those that the objects of the
# program call, do not have themselves, and one of the libraries gives.
#   cmake -D NM=nm -D OUT=FILE -D OBJECTS=LIST -D LIBRARIES=KEY:SONAME:FILE;... -P functions.cmake
# LIST is a file with one object or archive a line.
cmake_minimum_required(VERSION 3.25)
foreach(library IN LISTS LIBRARIES)
  string(REGEX MATCH "^([^:]+):([^:]+):(.+)$" all "${library}")
  set(key ${CMAKE_MATCH_1})
  string(APPEND text "LIBRARY(${key}, \"${CMAKE_MATCH_2}\")\n")
  execute_process(COMMAND ${NM} -D --defined-only ${CMAKE_MATCH_3} OUTPUT_VARIABLE symbols
                  COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL " [TWi] [A-Za-z0-9_]+" symbols "${symbols}") # i: chosen by processor
  foreach(symbol IN LISTS symbols)
    string(SUBSTRING "${symbol}" 3 -1 name)
    set(given_${name} ${key})
  endforeach()
endforeach()

file(STRINGS ${OBJECTS} objects)
while(objects) # a command line has its limits
  list(SUBLIST objects 0 200 some)
  list(REMOVE_ITEM objects ${some})
  execute_process(COMMAND ${NM} ${some} OUTPUT_VARIABLE symbols COMMAND_ERROR_IS_FATAL ANY)
  string(REGEX MATCHALL " [UT] [A-Za-z0-9_]+" symbols "${symbols}")
  list(APPEND all_symbols ${symbols})
endwhile()
list(REMOVE_DUPLICATES all_symbols)
list(SORT all_symbols)
foreach(symbol IN LISTS all_symbols) # sorted: T comes before U
  string(SUBSTRING "${symbol}" 3 -1 name)
  if(symbol MATCHES "^ T")
    unset(given_${name})
  elseif(DEFINED given_${name})
    string(APPEND text "LAZY(${given_${name}}, ${name})\n")
  endif()
endforeach()
file(CONFIGURE OUTPUT ${OUT} CONTENT "${text}" @ONLY) # rewritten only when it changes

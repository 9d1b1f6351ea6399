/* Stratified sampling of the first few coordinates together.
 * Layer 2. */
#ifndef TSR_ENGINE_DESIGN_STRATIFIED_H
#define TSR_ENGINE_DESIGN_STRATIFIED_H

#include "engine/design.h"

extern const tsr_design tsr_design_stratified;

#endif

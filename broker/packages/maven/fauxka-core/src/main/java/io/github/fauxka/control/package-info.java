/**
 * The control port: its operations, and the types of what they take and give, generated from its OpenAPI document.
 *
 * <p>Components that may be null say so. Lists and maps never are.
 */
package io.github.fauxka.control;

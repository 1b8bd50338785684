/** The version of Plugmap, which a plugin can name in `engines.plugmap`. A test keeps it equal to the published one. */
export const plugmapVersion = "0.1.0";

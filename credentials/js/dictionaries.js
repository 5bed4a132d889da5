// @ts-check
/**
 * The preset dictionaries of CQ1 in base64url, by their id. They are written from
 * credentials/dictionaries.py by tests/vectors/make_dictionaries.py: change them there.
 */
/** @type {Readonly<Record<string, string>>} */
export const DICTIONARIES = Object.freeze({
  "1":
    "Il9zZF9hbGciOiJzaGEtMjU2IiwiX3NkIjpbIv4iLCL-Iiwi_iIsIv4iXX78WyL_IiwiZ2l2ZW5fbmFtZSIsIvV-_F" +
    "si_yIsImZhbWlseV9uYW1lIiwi9X78WyL_IiwiYmlydGhfZGF0ZSIsIiJAY29udGV4dCI6WyJodHRwczovL3d3dy53" +
    "My5vcmcvbnMvY3JlZGVudGlhbHMvdjIiLCIidHlwZSI6WyJWZXJpZmlhYmxlQ3JlZGVudGlhbCIsIkRyaXZpbmdMaW" +
    "NlbmNlIl0sImlzc3VlciI6ImRpZDp3ZWI6bG9jYWxob3N0JTNBODQiLCJ2YWxpZEZyb20iOiIyMDI2LTExLTIyVDA5" +
    "OjAwOjAwWiIsInZhbGlkVW50aWwiOiIyMDI3LSJjcmVkZW50aWFsU3ViamVjdCI6eyJpZCI6ImRpZDpqd2s6_HsiY3" +
    "J2IjoiUC0yNTYiLCJrdHkiOiJFQyIsIngiOiL-IiwieSI6IvgiffUiLCJjcmVkZW50aWFsU3RhdHVzIjpbeyJpZCI6" +
    "IiIsInR5cGUiOiJCaXRzdHJpbmdTdGF0dXNMaXN0RW50cnkiLCJzdGF0dXNQdXJwb3NlIjoicmV2b2NhdGlvbiIsIn" +
    "N0YXR1c0xpc3RJbmRleCI6IsAiLCJzdGF0dXNMaXN0Q3JlZGVudGlhbCI6Imh0dHBzOi8v_HsiYWxnIjoiRVMyNTYi" +
    "LCJ0eXAiOiJ2Yytqd3QiLCJraWQiOiJkaWQ6d2ViOvx7ImFsZyI6IkVTMjU2IiwidHlwIjoidnArand0Iiwia2lkIj" +
    "oiInZlcmlmaWFibGVDcmVkZW50aWFsIjpbeyJAY29udGV4dCI6Imh0dHBzOi8vd3d3LnczLm9yZy9ucy9jcmVkZW50" +
    "aWFscy92MiIsImlkIjoiZGF0YTphcHBsaWNhdGlvbi92Yytqd3QsIiwidHlwZSI6IkVudmVsb3BlZFZlcmlmaWFibG" +
    "VDcmVkZW50aWFsIn1dImh0dHBzOi8vaXNzdWVyLmNpdHkuZXhhbXBsZS9hZ2VuY2llcy9yZXNpZGVuY3kvdHlwZXMv" +
    "cmVzaWRlbmN5L3R5cGVzL292ZXItMTgvdHlwZXMvcHJvcGVydHktdGl0bGUvdHlwZXMvYnVzaW5lc3MtbGljZW5jZS" +
    "9hZ2VuY2llcy9sYW5kL2FnZW5jaWVzL2J1c2luZXNzL3N0YXR1cy8iYWdlX292ZXJfMTgiOnRydWUsIm5hdGlvbmFs" +
    "aXR5IjoiYWRkcmVzcyI6InN0cmVldCI6ImxvY2FsaXR5IjoicG9zdGFsX2NvZGUiOiJyZXNpZGVudF9zaW5jZSI6In" +
    "BvcnRyYWl0X3NoYTI1NiI6Iv4iLCJiaXJ0aF9kYXRlIjoiMTkiLCJpc3N1ZV9kYXRlIjoiMjAyNi0iLCJleHBpcnlf" +
    "ZGF0ZSI6IjIwImRvY3VtZW50X251bWJlciI6ImxpY2VuY2VfbnVtYmVyIjoicGVybWl0X251bWJlciI6InBsYXRlIj" +
    "oidmluIjoibWFrZSI6Im1vZGVsIjoiY29sb3VyIjoiaW5zdXJlciI6InBvbGljeV9udW1iZXIiOiJ2YWxpZF91bnRp" +
    "bCI6IjIwMjctMDEtMDEiLCJob2xkZXIiOiJvd25lciI6ImNhdGVnb3JpZXMiOlsiQiIsIiJmYW1pbHlfbmFtZSI6Ii" +
    "IsImdpdmVuX25hbWUiOiIiLCJuYW1lX2ttIjoi9iIsIm5hbWUiOiIiLCJwbGF0ZSI6IjJBLSIsInpvbmUiOiIiLCIi" +
    "Y2F0ZWdvcnkiOiJ0YXhpIiwidmVoaWNsZV9jYXRlZ29yeSI6InNlZGFuIiwibGljZW5jZV9jYXRlZ29yeSI6IkIiLP" +
    "x7ImFsZyI6IkVTMjU2IiwidHlwIjoiZGMrc2Qtand0Iiwia2lkIjoi_iJ99S78eyJhbGciOiJFUzI1NiIsInR5cCI6" +
    "ImRjK3NkLWp3dCIsIng1YyI6WyL6Il199S78eyJpc3MiOiJodHRwOi8vbG9jYWxob3N0Ojg0MDEvYWdlbmNpZXMvdH" +
    "JhbnNwb3J0IiwidmN0IjoiaHR0cDovL2xvY2FsaG9zdDo4NDAxL3R5cGVzL3RheGktaW5zcGVjdGlvbiIsImlhdCI6" +
    "wSwiZXhwIjrBLCJjbmYiOnsiandrIjp7ImNydiI6IlAtMjU2Iiwia3R5IjoiRUMiLCJ4Ijoi_iIsInkiOiL3In19LC" +
    "JzdGF0dXMiOnsic3RhdHVzX2xpc3QiOnsiaWR4IjrALCJ1cmkiOiJodHRwOi8vbG9jYWxob3N0Ojg0MDEvYWdlbmNp" +
    "ZXMvdHJhbnNwb3J0L3N0YXR1cy8xIn19LCJsaW5rZWQiOlt7InR5cGUiOiJ0YXhpLXBlcm1pdCIsImxpc3QiOiJodH" +
    "RwOi8vbG9jYWxob3N0Ojg0MDEvYWdlbmNpZXMvdHJhbnNwb3J0L3N0YXR1cy8xIiwiaW5kZXgiOsB9LHsidHlwZSI6" +
    "ImRyaXZpbmctbGljZW5jZSIsImxpc3QiOiJodHRwOi8vbG9jYWxob3N0Ojg0MDEvYWdlbmNpZXMvdHJhbnNwb3J0L3" +
    "N0YXR1cy8xIiwiaW5kZXgiOsB9LHsidHlwZSI6InZlaGljbGUtcmVnaXN0cmF0aW9uIiwibGlzdCI6Imh0dHA6Ly9s" +
    "b2NhbGhvc3Q6ODQwMS9hZ2VuY2llcy9yZWdpc3RyeS9zdGF0dXMvMSIsImluZGV4IjrAfSx7InR5cGUiOiJpbnN1cm" +
    "FuY2UtY2VydGlmaWNhdGUiLCJsaXN0IjoiaHR0cDovL2xvY2FsaG9zdDo4NDAxL2FnZW5jaWVzL2luc3VyYW5jZS9z" +
    "dGF0dXMvMSIsImluZGV4IjrAfV199S79fvx7ImFsZyI6IkVTMjU2IiwidHlwIjoia2Irand0In31Lvx7ImF1ZCI6In" +
    "VybjpjaXR5d2FsbGV0OnFyOnRheGktaW5zcGVjdGlvbiIsIm5vbmNlIjoi-yIsImlhdCI6wSwic2RfaGFzaCI6Ivki" +
    "ffUu_Q",
});
export const NEWEST = "1";

/** The columns of a `Partner`. */
export const partnerColumns =
  'id, name, may_register_mobile_numbers as "mayRegisterMobileNumbers", created_at as "createdAt"';
